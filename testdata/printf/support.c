/* What musl's formatting refers to: errno, and locks and the list of open files, which it does not come to here. */
int *__errno_location(void);

int *___errno_location(void)
{
    return __errno_location();
}

int __lockfile(void *f)
{
    (void)f;
    return 0;
}

void __unlockfile(void *f)
{
    (void)f;
}

void __stdio_exit_needed(void)
{
}
