/* What the cases of subject.yaml get. */
#ifndef SIGNAL_CASE_H
#define SIGNAL_CASE_H

enum { LAST_PID = 62 };

/* From and to are places in the table, pid is whom the signal is sent to. */
struct message {
    int from, to, pid;
    unsigned short euid;
    long state;
    unsigned long blocked;
};

#endif
