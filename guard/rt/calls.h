/*
 * calls.h: part of interpose.c: which system calls write memory of the program, where,
 * and how much.
 */

/* How much an argument's memory is written, if the call does not fail. */
enum how {
    BYTES,    /* size */
    RESULT,   /* as many bytes as the result says, at most those of argument n, and size in front */
    ITEMS,    /* the result times size, at most argument n times size */
    ALL,      /* size, times argument n if that is another */
    PAGES,    /* one for each page of argument n */
    ADDRESS,  /* as many as *argument n says afterwards, at most those that it says before; and 4 there */
    VECTOR,   /* struct iovec, n the argument that counts; the result says how much in all */
    MESSAGE,  /* struct msghdr */
    MESSAGES, /* struct mmsghdr, n the argument that counts; the result says how many */
    CHANGED,  /* at most size, times argument n if that is another; its old contents count; so do those of all below */
    BITS,     /* as many as argument n says */
    SIZED,    /* as many as its first four bytes say, and size */
    CONTROL,  /* as ioctl with argument n does */
};

struct output {
    short call;
    unsigned char arg, how, n;
    unsigned short size;
    unsigned char only; /* 0, or the call writes only if argument only - 1 is this: */
    uint32_t is;
};

/* Calls of whose size the kernel looks at the lower half, of which negative ones fail. */
static inline int looks_at_half(long nr)
{
    return nr == SYS_getdents || nr == SYS_getdents64 || nr == SYS_readlink || nr == SYS_readlinkat || nr == SYS_sched_getaffinity || nr == SYS_syslog;
}

/* Calls that fail if the size goes beyond all memory; the others take it for less. */
static inline int looks_at_range(long nr) { return nr == SYS_read || nr == SYS_pread64 || nr == SYS_msgrcv; }

/* What the headers of older systems do not have. */
#define NR_cachestat 451
#define NR_statmount 457
#define NR_listmount 458
#define NR_lsm_get_self_attr 459
#define NR_lsm_list_modules 461
#define NR_listxattrat 465

#define WRITES(...) { __VA_ARGS__, 0, 0 }
#define WRITES_IF(i, value, ...) { __VA_ARGS__, (i) + 1, value } /* argument i is value */

static const struct output outputs[] = {
    WRITES(SYS_read, 1, RESULT, 2, 0),
    WRITES(SYS_pread64, 1, RESULT, 2, 0),
    WRITES(SYS_readv, 1, VECTOR, 2, 0),
    WRITES(SYS_preadv, 1, VECTOR, 2, 0),
    WRITES(SYS_preadv2, 1, VECTOR, 2, 0),
    WRITES(SYS_process_vm_readv, 1, VECTOR, 2, 0),
    WRITES(SYS_recvfrom, 1, RESULT, 2, 0),
    WRITES(SYS_recvfrom, 4, ADDRESS, 5, 0),
    WRITES(SYS_recvmsg, 1, MESSAGE, 0, 56),
    WRITES(SYS_accept, 1, ADDRESS, 2, 0),
    WRITES(SYS_accept4, 1, ADDRESS, 2, 0),
    WRITES(SYS_getsockname, 1, ADDRESS, 2, 0),
    WRITES(SYS_getpeername, 1, ADDRESS, 2, 0),
    WRITES(SYS_getsockopt, 3, ADDRESS, 4, 0),
    WRITES(SYS_socketpair, 3, BYTES, 0, 8),
    WRITES(SYS_pipe, 0, BYTES, 0, 8),
    WRITES(SYS_pipe2, 0, BYTES, 0, 8),
    WRITES(SYS_stat, 1, BYTES, 0, 144),
    WRITES(SYS_fstat, 1, BYTES, 0, 144),
    WRITES(SYS_lstat, 1, BYTES, 0, 144),
    WRITES(SYS_newfstatat, 2, BYTES, 0, 144),
    WRITES(SYS_statx, 4, BYTES, 0, 256),
    WRITES(SYS_statfs, 1, BYTES, 0, 120),
    WRITES(SYS_fstatfs, 1, BYTES, 0, 120),
    WRITES(SYS_getdents, 1, RESULT, 2, 0),
    WRITES(SYS_getdents64, 1, RESULT, 2, 0),
    WRITES(SYS_getcwd, 0, RESULT, 1, 0),
    WRITES(SYS_readlink, 1, RESULT, 2, 0),
    WRITES(SYS_readlinkat, 2, RESULT, 3, 0),
    WRITES(SYS_getxattr, 2, RESULT, 3, 0),
    WRITES(SYS_lgetxattr, 2, RESULT, 3, 0),
    WRITES(SYS_fgetxattr, 2, RESULT, 3, 0),
    WRITES(SYS_listxattr, 1, RESULT, 2, 0),
    WRITES(SYS_llistxattr, 1, RESULT, 2, 0),
    WRITES(SYS_flistxattr, 1, RESULT, 2, 0),
    WRITES(SYS_sendfile, 2, CHANGED, 2, 8),
    WRITES(SYS_splice, 1, CHANGED, 1, 8),
    WRITES(SYS_splice, 3, CHANGED, 3, 8),
    WRITES(SYS_copy_file_range, 1, CHANGED, 1, 8),
    WRITES(SYS_copy_file_range, 3, CHANGED, 3, 8),
    WRITES(SYS_ioctl, 2, CONTROL, 1, 0),
    WRITES_IF(1, 5 /* F_GETLK */, SYS_fcntl, 2, CHANGED, 2, 32),
    WRITES_IF(1, 36 /* F_OFD_GETLK */, SYS_fcntl, 2, CHANGED, 2, 32),
    WRITES_IF(1, 16 /* F_GETOWN_EX */, SYS_fcntl, 2, BYTES, 0, 8),
    WRITES_IF(1, 17 /* F_GETOWNER_UIDS */, SYS_fcntl, 2, BYTES, 0, 8),
    WRITES_IF(1, 1035 /* F_GET_RW_HINT */, SYS_fcntl, 2, BYTES, 0, 8),
    WRITES_IF(1, 1037 /* F_GET_FILE_RW_HINT */, SYS_fcntl, 2, BYTES, 0, 8),
    WRITES(SYS_poll, 0, CHANGED, 1, 8),
    WRITES(SYS_ppoll, 0, CHANGED, 1, 8),
    WRITES(SYS_ppoll, 2, CHANGED, 2, 16),
    WRITES(SYS_select, 1, BITS, 0, 0),
    WRITES(SYS_select, 2, BITS, 0, 0),
    WRITES(SYS_select, 3, BITS, 0, 0),
    WRITES(SYS_select, 4, CHANGED, 4, 16),
    WRITES(SYS_pselect6, 1, BITS, 0, 0),
    WRITES(SYS_pselect6, 2, BITS, 0, 0),
    WRITES(SYS_pselect6, 3, BITS, 0, 0),
    WRITES(SYS_pselect6, 4, CHANGED, 4, 16),
    WRITES(SYS_epoll_wait, 1, ITEMS, 2, 12),
    WRITES(SYS_epoll_pwait, 1, ITEMS, 2, 12),
    WRITES(SYS_epoll_pwait2, 1, ITEMS, 2, 12),
    WRITES(SYS_nanosleep, 1, CHANGED, 1, 16),
    WRITES(SYS_clock_nanosleep, 3, CHANGED, 3, 16),
    WRITES(SYS_gettimeofday, 0, BYTES, 0, 16),
    WRITES(SYS_gettimeofday, 1, BYTES, 0, 8),
    WRITES(SYS_time, 0, BYTES, 0, 8),
    WRITES(SYS_times, 0, BYTES, 0, 32),
    WRITES(SYS_clock_gettime, 1, BYTES, 0, 16),
    WRITES(SYS_clock_getres, 1, BYTES, 0, 16),
    WRITES(SYS_clock_adjtime, 1, CHANGED, 1, 208),
    WRITES(SYS_adjtimex, 0, CHANGED, 0, 208),
    WRITES(SYS_getitimer, 1, BYTES, 0, 32),
    WRITES(SYS_setitimer, 2, BYTES, 0, 32),
    WRITES(SYS_timer_create, 2, BYTES, 0, 4),
    WRITES(SYS_timer_settime, 3, BYTES, 0, 32),
    WRITES(SYS_timer_gettime, 1, BYTES, 0, 32),
    WRITES(SYS_timerfd_settime, 3, BYTES, 0, 32),
    WRITES(SYS_timerfd_gettime, 1, BYTES, 0, 32),
    WRITES(SYS_wait4, 1, CHANGED, 1, 4),
    WRITES(SYS_wait4, 3, CHANGED, 3, 144),
    WRITES(SYS_waitid, 2, CHANGED, 2, 128),
    WRITES(SYS_waitid, 4, CHANGED, 4, 144),
    WRITES(SYS_rt_sigpending, 0, BYTES, 0, 8),
    WRITES(SYS_rt_sigtimedwait, 1, BYTES, 0, 128),
    WRITES(SYS_uname, 0, BYTES, 0, 390),
    WRITES(SYS_sysinfo, 0, BYTES, 0, 112),
    WRITES(SYS_getrlimit, 1, BYTES, 0, 16),
    WRITES(SYS_prlimit64, 3, BYTES, 0, 16),
    WRITES(SYS_getrusage, 1, BYTES, 0, 144),
    WRITES(SYS_getgroups, 1, ITEMS, 0, 4),
    WRITES(SYS_getresuid, 0, BYTES, 0, 4),
    WRITES(SYS_getresuid, 1, BYTES, 0, 4),
    WRITES(SYS_getresuid, 2, BYTES, 0, 4),
    WRITES(SYS_getresgid, 0, BYTES, 0, 4),
    WRITES(SYS_getresgid, 1, BYTES, 0, 4),
    WRITES(SYS_getresgid, 2, BYTES, 0, 4),
    WRITES(SYS_capget, 0, CHANGED, 0, 8),
    WRITES(SYS_capget, 1, CHANGED, 1, 24),
    WRITES(SYS_sched_getparam, 1, BYTES, 0, 4),
    WRITES(SYS_sched_rr_get_interval, 1, BYTES, 0, 16),
    WRITES(SYS_sched_getaffinity, 2, RESULT, 1, 0),
    WRITES(SYS_getcpu, 0, BYTES, 0, 4),
    WRITES(SYS_getcpu, 1, BYTES, 0, 4),
    WRITES(SYS_getrandom, 0, RESULT, 1, 0),
    WRITES(SYS_mq_timedreceive, 1, RESULT, 2, 0),
    WRITES(SYS_mq_timedreceive, 3, BYTES, 0, 4),
    WRITES(SYS_msgrcv, 1, RESULT, 2, 8),
    WRITES_IF(1, 2 /* IPC_STAT */, SYS_shmctl, 2, BYTES, 0, 112),
    WRITES_IF(1, 13 /* SHM_STAT */, SYS_shmctl, 2, BYTES, 0, 112),
    WRITES_IF(1, 15 /* SHM_STAT_ANY */, SYS_shmctl, 2, BYTES, 0, 112),
    WRITES_IF(1, 3 /* IPC_INFO */, SYS_shmctl, 2, BYTES, 0, 72),
    WRITES_IF(1, 14 /* SHM_INFO */, SYS_shmctl, 2, BYTES, 0, 48),
    WRITES_IF(1, 2 /* IPC_STAT */, SYS_msgctl, 2, BYTES, 0, 120),
    WRITES_IF(1, 11 /* MSG_STAT */, SYS_msgctl, 2, BYTES, 0, 120),
    WRITES_IF(1, 13 /* MSG_STAT_ANY */, SYS_msgctl, 2, BYTES, 0, 120),
    WRITES_IF(1, 3 /* IPC_INFO */, SYS_msgctl, 2, BYTES, 0, 32),
    WRITES_IF(1, 12 /* MSG_INFO */, SYS_msgctl, 2, BYTES, 0, 32),
    WRITES_IF(2, 2 /* IPC_STAT */, SYS_semctl, 3, BYTES, 0, 104),
    WRITES_IF(2, 18 /* SEM_STAT */, SYS_semctl, 3, BYTES, 0, 104),
    WRITES_IF(2, 20 /* SEM_STAT_ANY */, SYS_semctl, 3, BYTES, 0, 104),
    WRITES_IF(2, 3 /* IPC_INFO */, SYS_semctl, 3, BYTES, 0, 40),
    WRITES_IF(2, 19 /* SEM_INFO */, SYS_semctl, 3, BYTES, 0, 40),
    WRITES_IF(2, 13 /* GETALL: SEMMSL is 32000 by default */, SYS_semctl, 3, CHANGED, 3, 64000),
    WRITES(SYS_recvmmsg, 1, MESSAGES, 2, 64),
    WRITES(SYS_recvmmsg, 4, CHANGED, 4, 16),
    WRITES(SYS_sendmmsg, 1, CHANGED, 2, 64),
    WRITES(SYS_vmsplice, 1, VECTOR, 2, 0),
    WRITES(SYS_io_setup, 1, CHANGED, 1, 8),
    WRITES(SYS_io_getevents, 3, ITEMS, 2, 32),
    WRITES(SYS_io_pgetevents, 3, ITEMS, 2, 32),
    WRITES(SYS_io_uring_setup, 1, CHANGED, 1, 120),
    WRITES(SYS_mincore, 2, PAGES, 1, 0),
    WRITES(SYS_move_pages, 4, ALL, 1, 4),
    WRITES(SYS_get_mempolicy, 0, CHANGED, 0, 4),
    WRITES(SYS_get_mempolicy, 1, BITS, 2, 0),
    WRITES(SYS_sched_getattr, 1, CHANGED, 2, 1),
    WRITES(SYS_sched_setattr, 1, SIZED, 0, 0),
    WRITES(SYS_perf_event_open, 0, CHANGED, 0, 136),
    WRITES(SYS_bpf, 1, CHANGED, 2, 1),
    WRITES(SYS_get_robust_list, 1, BYTES, 0, 8),
    WRITES(SYS_get_robust_list, 2, BYTES, 0, 8),
    WRITES(SYS_mq_getsetattr, 2, BYTES, 0, 64),
    WRITES(SYS_ustat, 1, BYTES, 0, 32),
    WRITES(SYS_name_to_handle_at, 2, SIZED, 2, 8),
    WRITES(SYS_name_to_handle_at, 3, CHANGED, 3, 8),
    WRITES(SYS_quotactl, 3, CHANGED, 3, 256),
    WRITES(SYS_quotactl_fd, 3, CHANGED, 3, 256),
    WRITES(SYS_lookup_dcookie, 1, RESULT, 2, 0),
    WRITES_IF(0, 0 /* read */, SYS_modify_ldt, 1, RESULT, 2, 0),
    WRITES_IF(0, 2 /* read the default */, SYS_modify_ldt, 1, RESULT, 2, 0),
    WRITES_IF(0, 2, SYS_syslog, 1, RESULT, 2, 0),
    WRITES_IF(0, 3, SYS_syslog, 1, RESULT, 2, 0),
    WRITES_IF(0, 4, SYS_syslog, 1, RESULT, 2, 0),
    WRITES_IF(0, 2 /* PR_GET_PDEATHSIG */, SYS_prctl, 1, BYTES, 0, 4),
    WRITES_IF(0, 16 /* PR_GET_NAME */, SYS_prctl, 1, BYTES, 0, 16),
    WRITES_IF(0, 25 /* PR_GET_TSC */, SYS_prctl, 1, BYTES, 0, 4),
    WRITES_IF(0, 37 /* PR_GET_CHILD_SUBREAPER */, SYS_prctl, 1, BYTES, 0, 4),
    WRITES_IF(0, 40 /* PR_GET_TID_ADDRESS */, SYS_prctl, 1, BYTES, 0, 8),
    WRITES_IF(0, 62 /* PR_SCHED_CORE */, SYS_prctl, 4, BYTES, 0, 8),
    WRITES_IF(0, 0x41555856 /* PR_GET_AUXV */, SYS_prctl, 1, RESULT, 2, 0),
    WRITES_IF(0, 0x1003 /* ARCH_GET_FS */, SYS_arch_prctl, 1, BYTES, 0, 8),
    WRITES_IF(0, 0x1004 /* ARCH_GET_GS */, SYS_arch_prctl, 1, BYTES, 0, 8),
    WRITES_IF(0, 0x1021 /* ARCH_GET_XCOMP_SUPP */, SYS_arch_prctl, 1, BYTES, 0, 8),
    WRITES_IF(0, 0x1022 /* ARCH_GET_XCOMP_PERM */, SYS_arch_prctl, 1, BYTES, 0, 8),
    WRITES_IF(0, 0x1024 /* ARCH_GET_XCOMP_GUEST_PERM */, SYS_arch_prctl, 1, BYTES, 0, 8),
    WRITES_IF(0, 0x1 /* PTRACE_PEEKTEXT */, SYS_ptrace, 3, BYTES, 0, 8),
    WRITES_IF(0, 0x2 /* PTRACE_PEEKDATA */, SYS_ptrace, 3, BYTES, 0, 8),
    WRITES_IF(0, 0x3 /* PTRACE_PEEKUSER */, SYS_ptrace, 3, BYTES, 0, 8),
    WRITES_IF(0, 0x4201 /* PTRACE_GETEVENTMSG */, SYS_ptrace, 3, BYTES, 0, 8),
    WRITES_IF(0, 0x420a /* PTRACE_GETSIGMASK */, SYS_ptrace, 3, BYTES, 0, 8),
    WRITES_IF(0, 0xc /* PTRACE_GETREGS */, SYS_ptrace, 3, BYTES, 0, 216),
    WRITES_IF(0, 0xe /* PTRACE_GETFPREGS */, SYS_ptrace, 3, BYTES, 0, 512),
    WRITES_IF(0, 0x4202 /* PTRACE_GETSIGINFO */, SYS_ptrace, 3, BYTES, 0, 128),
    WRITES_IF(0, 0x420e /* PTRACE_GET_SYSCALL_INFO */, SYS_ptrace, 3, RESULT, 2, 0),
    WRITES_IF(0, 6 /* KEYCTL_DESCRIBE */, SYS_keyctl, 2, RESULT, 3, 0),
    WRITES_IF(0, 11 /* KEYCTL_READ */, SYS_keyctl, 2, RESULT, 3, 0),
    WRITES_IF(0, 17 /* KEYCTL_GET_SECURITY */, SYS_keyctl, 2, RESULT, 3, 0),
    WRITES_IF(0, 31 /* KEYCTL_CAPABILITIES */, SYS_keyctl, 1, RESULT, 2, 0),
    WRITES_IF(0, 3 /* SECCOMP_GET_NOTIF_SIZES */, SYS_seccomp, 2, BYTES, 0, 6),
    WRITES(NR_cachestat, 2, BYTES, 0, 40),
    WRITES(NR_statmount, 1, CHANGED, 2, 1),
    WRITES(NR_listmount, 1, ITEMS, 2, 8),
    WRITES(NR_lsm_get_self_attr, 1, ADDRESS, 2, 0),
    WRITES(NR_lsm_list_modules, 0, ADDRESS, 1, 0),
    WRITES(NR_listxattrat, 3, RESULT, 4, 0),
};
