// Linked as an object: no module has it.
extern int level;

__attribute__((constructor)) static void at_start(void) { level = 3; }

void *pool(unsigned long size);

void *pool(unsigned long size)
{
    static long memory[64];
    return size <= sizeof memory ? memory : 0;
}
