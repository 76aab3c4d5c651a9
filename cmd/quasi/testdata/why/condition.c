// Neither side of a comparison has to be known if its outcome is.
// flags: -e f
// says: state-condition: state how a->uid == b->uid turns out: --when 'a->uid == b->uid'
struct task {
    int pid, uid;
};

int f(const struct task *a, const struct task *b)
{
    if (a->uid == b->uid) // asked
        return a->pid;
    return -1;
}
