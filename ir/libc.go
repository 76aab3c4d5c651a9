package ir

import "strings"

// This file holds the tables behind LibSummary; parseSummaries in summary.go
// reads them. In short: r reads, w writes, f frees, c captures, x calls, v is
// a va_list whose arguments fare as those after "...", R and W are r and w with
// pointers that leave and enter the program, i writes a pointer into argument
// 0, n one to new memory, S is a stream or is kept by stdio.
//
// Left out on purpose, so unknown code: what synchronizes threads (other
// threads' writes become visible), ioctl, dlopen, kill and raise (signal handlers
// run).

const libcText = `
# What -fsanitize=undefined calls: a description, which is marked as reported, and values, or where
# wide ones are. They print.
__ubsan_handle_type_mismatch_v1,__ubsan_handle_alignment_assumption,__ubsan_handle_add_overflow,__ubsan_handle_sub_overflow,__ubsan_handle_mul_overflow,__ubsan_handle_negate_overflow,__ubsan_handle_divrem_overflow,__ubsan_handle_shift_out_of_bounds,__ubsan_handle_out_of_bounds,__ubsan_handle_vla_bound_not_positive,__ubsan_handle_float_cast_overflow,__ubsan_handle_load_invalid_value,__ubsan_handle_implicit_conversion,__ubsan_handle_invalid_builtin,__ubsan_handle_nonnull_return_v1,__ubsan_handle_nullability_return_v1,__ubsan_handle_nonnull_arg,__ubsan_handle_nullability_arg,__ubsan_handle_pointer_overflow rw ...R : stdio
__ubsan_handle_type_mismatch_v1_abort,__ubsan_handle_alignment_assumption_abort,__ubsan_handle_add_overflow_abort,__ubsan_handle_sub_overflow_abort,__ubsan_handle_mul_overflow_abort,__ubsan_handle_negate_overflow_abort,__ubsan_handle_divrem_overflow_abort,__ubsan_handle_shift_out_of_bounds_abort,__ubsan_handle_out_of_bounds_abort,__ubsan_handle_vla_bound_not_positive_abort,__ubsan_handle_float_cast_overflow_abort,__ubsan_handle_load_invalid_value_abort,__ubsan_handle_implicit_conversion_abort,__ubsan_handle_invalid_builtin_abort,__ubsan_handle_nonnull_return_v1_abort,__ubsan_handle_nullability_return_v1_abort,__ubsan_handle_nonnull_arg_abort,__ubsan_handle_nullability_arg_abort,__ubsan_handle_pointer_overflow_abort,__ubsan_handle_builtin_unreachable,__ubsan_handle_missing_return rw ...R : stdio noreturn

# string.h
memcpy,memmove          w r .     -> =0  : copy=0,1,2
__memcpy_chk,__memmove_chk  w r . . -> =0 : copy=0,1,2
mempcpy                 w r .     -> in0 : copy=0,1,2
__mempcpy_chk           w r . .   -> in0 : copy=0,1,2
memccpy                 w r . .   -> in0 : copy=0,1,3
bcopy                   r w .            : copy=1,0,2
memset                  w . .     -> =0
__memset_chk            w . . .   -> =0
bzero,explicit_bzero    w .
memcmp,bcmp             r r .            : pure
memchr,memrchr          r . .     -> in0 : pure
rawmemchr               r .       -> in0 : pure
memmem                  r . r .   -> in0 : pure
strlen                  r                : pure
strnlen                 r .              : pure
strcmp                  r r              : pure
strncmp                 r r .            : pure
strcasecmp              r r              # locale
strncasecmp             r r .
strcoll                 r r
strxfrm                 w r .
strcpy                  w r       -> =0
__strcpy_chk            w r .     -> =0
strncpy                 w r .     -> =0
__strncpy_chk           w r . .   -> =0
stpcpy                  w r       -> in0
__stpcpy_chk            w r .     -> in0
stpncpy                 w r .     -> in0
strcat                  rw r      -> =0
__strcat_chk            rw r .    -> =0
strncat                 rw r .    -> =0
__strncat_chk           rw r . .  -> =0
strlcpy                 w r .
strlcat                 rw r .
strchr,strrchr,strchrnul,index,rindex  r . -> in0 : pure
strstr                  r r       -> in0 : pure
strcasestr              r r       -> in0
strpbrk                 r r       -> in0 : pure
strspn,strcspn          r r              : pure
strtok                  rwc r     -> ?   : hidden
strtok_r,__strtok_r     rwc r rW -> ?   : hidden
strsep                  rWc r     -> ?   : hidden
strdup,__strdup         r         -> new : errno
strndup,__strndup       r .       -> new : errno
strerror                .         -> lib/strerror
strsignal               .         -> lib/strerror
basename,__xpg_basename,dirname  rw -> in0 lib/path
swab                    r w .

# strings to numbers; the end pointer points into the string
atoi,atol,atoll         r                : pure
atof                    r
strtol,strtoul,strtoll,strtoull,strtoimax,strtoumax,strtoq,strtouq  r i . : errno
__isoc23_strtol,__isoc23_strtoul,__isoc23_strtoll,__isoc23_strtoull r i . : errno
strtod,strtof,strtold   r i              : errno

# ctype.h; results depend on the locale
isalnum,isalpha,isblank,iscntrl,isdigit,isgraph,islower,isprint,ispunct,isspace,isupper,isxdigit .
tolower,toupper         .
isascii,toascii         .                : pure
ffs,ffsl,ffsll          .                : pure
__ctype_b_loc,__ctype_tolower_loc,__ctype_toupper_loc  -> lib/ctype
__ctype_get_mb_cur_max

# stdlib.h
malloc                  .         -> new : size=0 errno
calloc                  . .       -> new : size=0,1 zeroed errno
realloc                 rf .      -> new : size=1 copy=-1,0,-1 errno
reallocarray            rf . .    -> new : size=1,2 copy=-1,0,-1 errno
aligned_alloc,memalign  . .       -> new : size=1 errno
valloc,pvalloc          .         -> new : size=0 errno
posix_memalign          n . .            : size=2
free,cfree              f
malloc_usable_size      .
abs,labs,llabs,imaxabs  .                : pure
div,ldiv,lldiv          . .              : pure
rand,random,drand48,lrand48,mrand48
srand,srandom,srand48   .
rand_r                  rw
qsort                   rw . . x
bsearch                 r r . . x -> in1
abort                                    : noreturn
setjmp,_setjmp,__setjmp w                : twice
sigsetjmp,__sigsetjmp   w .              : twice
longjmp,_longjmp,siglongjmp  r .         : noreturn
_exit,_Exit             .                : noreturn
exit,quick_exit         .                : noreturn opaque
atexit,at_quick_exit    c
on_exit                 c c
__cxa_atexit            c c .
getenv,secure_getenv    r         -> ?
setenv                  r r .            : hidden errno
unsetenv                r                : hidden errno
putenv                  c                : hidden errno
system                  r                : errno
mkstemp,mkstemp64       rw               : errno
mkdtemp                 rw        -> =0  : errno
realpath                r w       -> new =1 : errno
getloadavg              w .
__assert_fail           r r . r          : noreturn
__stack_chk_fail                         : noreturn
__errno_location        -> lib/errno
setlocale               . r       -> lib/locale
localeconv              -> lib/locale

# stdio.h
fopen,fopen64           r r       -> lib/stdio : stdio errno
fdopen                  . r       -> lib/stdio : stdio errno
freopen,freopen64       r r S     -> lib/stdio =2 : errno
tmpfile,tmpfile64       -> lib/stdio     : stdio errno
popen                   r r       -> lib/stdio : stdio errno
pclose,fclose           S                : errno
fmemopen                rWS . r   -> lib/stdio : errno
open_memstream          cWS cWS   -> lib/stdio : errno
setbuf                  S cS
setvbuf                 S cS . .
setbuffer               S cS .
fflush                  S                : errno
fread                   W . . S          : errno
fread_unlocked          W . . S          : errno
__fread_chk             W . . . S        : errno
fwrite,fwrite_unlocked  R . . S          : errno
fgets,fgets_unlocked    W . S     -> =0  : errno
__fgets_chk             W . . S   -> =0  : errno
gets                    W         -> =0  : stdio errno
fputs,fputs_unlocked    r S              : errno
puts                    r                : stdio errno
fgetc,getc,_IO_getc,getc_unlocked,fgetc_unlocked  S : errno
getchar,getchar_unlocked                 : stdio errno
fputc,putc,_IO_putc,putc_unlocked,fputc_unlocked  . S : errno
putchar,putchar_unlocked  .              : stdio errno
ungetc                  . S              : errno
__uflow,__underflow     S                : errno
__overflow              S .              : errno
getline                 rWc rw S       : hidden errno
getdelim,__getdelim     rWc rw . S     : hidden errno
fseek,fseeko,fseeko64   S . .            : errno
ftell,ftello,ftello64   S                : errno
rewind                  S                : errno
fgetpos,fgetpos64       S w              : errno
fsetpos,fsetpos64       S r              : errno
feof,ferror,feof_unlocked,ferror_unlocked,fileno,fileno_unlocked  S
clearerr                S
perror                  r                : stdio errno
remove                  r                : errno
rename                  r r              : errno
printf                  r ...rw         : format=0 stdio errno
fprintf                 S r ...rw       : format=1 errno
dprintf                 . r ...rw       : format=1 errno
sprintf                 w r ...rw       : format=1 errno
snprintf                w . r ...rw     : format=2 errno
asprintf                n r ...rw       : format=1 errno
vprintf                 r v ...rw        : format=0 stdio errno
vfprintf                S r v ...rw      : format=1 errno
vdprintf                . r v ...rw      : format=1 errno
vsprintf                w r v ...rw      : format=1 errno
vsnprintf               w . r v ...rw    : format=2 errno
vasprintf               n r v ...rw      : format=1 errno
__printf_chk            . r ...rw       : format=1 stdio errno
__fprintf_chk           S . r ...rw     : format=2 errno
__sprintf_chk           w . . r ...rw   : format=3 errno
__snprintf_chk          w . . . r ...rw : format=4 errno
__asprintf_chk          n . r ...rw      : format=2 errno
__vprintf_chk           . r v ...rw    : format=1 stdio errno
__vfprintf_chk          S . r v ...rw    : format=2 errno
__vsprintf_chk          w . . r v ...rw    : format=3 errno
__vsnprintf_chk         w . . . r v ...rw    : format=4 errno
__vasprintf_chk         n . r v ...rw    : format=2 errno
scanf,__isoc99_scanf    r ...W           : scan=0 stdio errno
fscanf,__isoc99_fscanf  S r ...W         : scan=1 errno
sscanf,__isoc99_sscanf  r r ...W         : scan=1 errno
vscanf,__isoc99_vscanf  r v ...W    : scan=0 stdio errno
vfscanf,__isoc99_vfscanf  S r v ...W    : scan=1 errno
vsscanf,__isoc99_vsscanf  r r v ...W    : scan=1 errno

# unistd.h, fcntl.h, sys/*.h
open,open64             r . ....         : errno
openat,openat64         . r . ....       : errno
creat,creat64           r .              : errno
fcntl,fcntl64           . . ...rw        : errno
close,fsync,fdatasync,dup,isatty  .      : errno
dup2,ftruncate,ftruncate64,fchmod  . .   : errno
fchown                  . . .            : errno
lseek,lseek64           . . .            : errno
read                    . W .            : errno
__read_chk              . W . .          : errno
write                   . R .            : errno
pread,pread64           . W . .          : errno
pwrite,pwrite64         . R . .          : errno
pipe                    w                : errno
pipe2                   w .              : errno
access,chmod,mkdir      r .              : errno
chown,lchown            r . .            : errno
unlink,rmdir,chdir      r                : errno
link,symlink            r r              : errno
readlink                r W .            : errno
truncate,truncate64     r .              : errno
stat,lstat,stat64,lstat64  r w           : errno
fstat,fstat64           . w              : errno
__xstat,__lxstat,__xstat64,__lxstat64  . r w : errno
__fxstat,__fxstat64     . . w            : errno
utime,utimes            r r              : errno
opendir                 r         -> lib/dir : errno
fdopendir               .         -> lib/dir : errno
readdir,readdir64       .         -> lib/dir : errno
closedir,rewinddir,dirfd .               : errno
getcwd                  w .       -> new =0 : errno
getpid,getppid,getuid,geteuid,getgid,getegid,getpgrp,getpagesize
sysconf                 .                : errno
gethostname             w .              : errno
getrusage,getrlimit     . w              : errno
setrlimit               . r              : errno
uname                   w                : errno
getopt                  . rwc r         : hidden
getopt_long,getopt_long_only  . rwc r rwc w : hidden
munmap                  f .              : errno
mprotect,madvise        . . .            : errno
umask                   .
sleep,usleep,alarm      .                : errno

# time.h
time                    w
times                   w
clock
clock_gettime,clock_getres  . w          : errno
gettimeofday            w w              : errno
nanosleep               r w              : errno
difftime                . .              : pure
mktime,timelocal        rw               : hidden
timegm                  rw
gmtime,localtime        r         -> lib/tm : hidden
gmtime_r                r w       -> =1
localtime_r             r w       -> =1  : hidden
asctime,ctime           r         -> lib/tm : hidden
asctime_r,ctime_r       r w       -> =1
strftime                w . r r

# sockets
htonl,htons,ntohl,ntohs .                : pure
socket                  . . .            : errno
bind,connect            . r .            : errno
listen,shutdown         . .              : errno
accept,getsockname,getpeername  . w rw   : errno
send                    . R . .          : errno
recv                    . W . .          : errno
sendto                  . R . . r .      : errno
recvfrom                . W . . w rw     : errno
setsockopt              . . . r .        : errno
getsockopt              . . . w rw       : errno
select                  . rw rw rw rw    : errno
__fdelt_chk             .                : pure
poll                    rw . .           : errno
inet_addr               r
inet_aton               r w
inet_pton               . r w            : errno
inet_ntop               . r w .   -> =2  : errno
inet_ntoa               .         -> lib/inet

accept4                 . w rw .         : errno
socketpair              . . . w          : errno
getnameinfo             r . w . w . .    : errno
if_nametoindex          r                : errno
epoll_create,epoll_create1,eventfd .  .  : errno
epoll_ctl               . . . R          : errno    # keeps a pointer for epoll_wait
epoll_wait              . W . .          : errno

getrlimit64             . w              : errno
setrlimit64             . r              : errno
prlimit,prlimit64       . . r w          : errno
flock                   . .              : errno
fstatat,fstatat64       . r w .          : errno
mkdirat,unlinkat        . r .            : errno
statvfs,statvfs64       r w              : errno
fstatvfs,fstatvfs64     . w              : errno
sync_file_range         . . . .          : errno
posix_fadvise,posix_fadvise64,fallocate,fallocate64 . . . . : errno
mkostemp,mkostemp64     rw .             : errno
mlock,munlock           . .              : errno
getrandom               w . .            : errno
getentropy              w .              : errno
getgroups               . w              : errno
setgroups               . r              : errno
setsid,setuid,setgid,seteuid,setegid,nice .  : errno
getpriority,setpriority . . .            : errno
tcgetattr               . w              : errno
tcsetattr               . . r            : errno
setitimer               . r w            : errno
getitimer               . w              : errno
clock_settime           . r              : errno
execv,execvp            r rR             : errno
execve,execvpe          r rR rR          : errno
sched_getaffinity       . . w            : errno
sched_setaffinity       . . r            : errno
strverscmp              r r              : pure
mbstowcs                w r .
wcstombs                w r .
wcslen                  r                : pure
regexec                 r r . w .
regerror                . r w .
backtrace_symbols_fd    r . .            : errno

signal                  . c       -> ?   : errno
sigemptyset,sigfillset  w
sigaddset,sigdelset     rw .
sigismember             r .
`

// synchronizingText lists functions that let other code of the program run, or its writes
// be seen, besides what they do themselves; see WriteFunc.
// And functions that give the program pointers to memory of their own.
const synchronizingText = `
getaddrinfo                     r r r w         : errno
freeaddrinfo                    f
gai_strerror                    .
regcomp                         w r .
backtrace                       w .
backtrace_symbols               r .
dladdr                          . w
dlerror
dlsym                           . r
pthread_create                  w r x r
pthread_join                    . w
pthread_detach,pthread_cancel,pthread_self .
pthread_kill,pthread_equal      . .
pthread_setcancelstate,pthread_setcanceltype  . w
pthread_setname_np              . r
pthread_mutex_init,pthread_cond_init,pthread_rwlock_init  w r
pthread_mutex_lock,pthread_mutex_trylock,pthread_mutex_unlock,pthread_mutex_destroy  rw
pthread_rwlock_rdlock,pthread_rwlock_wrlock,pthread_rwlock_tryrdlock,pthread_rwlock_trywrlock  rw
pthread_rwlock_unlock,pthread_rwlock_destroy  rw
pthread_cond_signal,pthread_cond_broadcast,pthread_cond_destroy  rw
pthread_cond_wait               rw rw
pthread_cond_timedwait          rw rw r
pthread_spin_init               w .
pthread_spin_lock,pthread_spin_trylock,pthread_spin_unlock,pthread_spin_destroy  rw
pthread_attr_init,pthread_attr_destroy        rw
pthread_attr_setstacksize,pthread_attr_setdetachstate rw .
pthread_attr_getstacksize       r w
pthread_mutexattr_init,pthread_mutexattr_destroy rw
pthread_mutexattr_settype       rw .
pthread_once                    rw x
sem_init                        w . .
sem_wait,sem_post,sem_trywait,sem_destroy     rw
sem_timedwait                   rw r
sched_yield
fork
raise                           .
kill                            . .
sigaction                       . r w
sigprocmask,pthread_sigmask     . r w
sigaltstack                     rc w
sigsuspend                      r
wait                            w
waitpid                         . w .
wait4                           . w . w
tzset
syslog                          . r ...rw       : format=1
openlog                         r . .
closelog
`

// mathText lists functions that also exist with the suffixes f and l.
const mathText = `
fabs,floor,ceil,trunc,round     .   : pure
copysign,fmax,fmin              . . : pure
isnan,isinf,finite,__isnan,__isinf,__finite,__signbit,__fpclassify . : pure
sin,cos,tan,asin,acos,atan,sinh,cosh,tanh,asinh,acosh,atanh . : errno
exp,exp2,exp10,expm1,log,log2,log10,log1p,logb,sqrt,cbrt,erf,erfc,tgamma . : errno
rint,nearbyint,lrint,llrint,lround,llround,ilogb . : errno
pow,atan2,hypot,fmod,remainder,fdim,nextafter . . : errno
ldexp,scalbn,scalbln . . : errno
fma                     . . . : errno
frexp,modf              . w
sincos                  . w w
remquo                  . . w : errno
nan                     r
`

// intrinsicText lists intrinsics without the prefix llvm and without types.
const intrinsicText = `
memcpy,memcpy.inline,memmove  w r . . : copy=0,1,2
memset                  w . . .
lifetime.start,lifetime.end   . w       # the contents become undefined
invariant.start         . .
invariant.end           . . .
dbg.declare,dbg.value,dbg.addr,dbg.assign,dbg.label  ....
va_start,va_end         rw
va_copy                 w r : copy=0,1,24
expect,expect.with.probability  . . . -> =0 : pure
assume                  .
sideeffect,donothing
experimental.noalias.scope.decl  .
annotation              . . . . -> =0
ptr.annotation          . . . . . -> =0
var.annotation          . . . . .
launder.invariant.group,strip.invariant.group  . -> =0 : pure
ssa.copy                . -> =0 : pure
ptrmask                 . . -> in0 : pure
is.constant             . : pure
objectsize              . . . . : pure
prefetch                . . . .
stacksave
stackrestore            .
trap,debugtrap,ubsantrap  . : noreturn
returnaddress,frameaddress,sponentry,addressofreturnaddress  . -> ?
stackprotector          . w
readcyclecounter,flt.rounds
thread.pointer          -> ?
get.active.lane.mask    . . : pure

bswap,bitreverse,ctpop  . : pure
ctlz,cttz,abs           . . : pure
fshl,fshr               . . . : pure
smax,smin,umax,umin     . . : pure
sadd.with.overflow,uadd.with.overflow,ssub.with.overflow,usub.with.overflow . . : pure
smul.with.overflow,umul.with.overflow . . : pure
sadd.sat,uadd.sat,ssub.sat,usub.sat,sshl.sat,ushl.sat . . : pure
fptosi.sat,fptoui.sat   . : pure

fabs,floor,ceil,trunc,rint,nearbyint,round,roundeven,canonicalize . : pure
sqrt,sin,cos,exp,exp2,log,log2,log10 . : pure
lround,llround,lrint,llrint . : pure
pow,powi,copysign,minnum,maxnum,minimum,maximum . . : pure
fma,fmuladd             . . . : pure
convert.to.fp16,convert.from.fp16 . : pure

vector.reduce           . . : pure
masked.load             r . . .
masked.store            . w . .
masked.gather           r . . .
masked.scatter          . w . .
masked.expandload       r . .
masked.compressstore    . w .
`

// libraryTags are the records of the library beside those whose tags begin with an underscore,
// pthread_ or sockaddr.
var libraryTags = strings.Fields(`
	anon FILE DIR dirent dirent64 tm timespec timeval timezone itimerval tms utimbuf rusage rlimit rlimit64
	stat stat64 statvfs statvfs64 pollfd epoll_event sigaction sigset_t stack_t termios utsname
	addrinfo msghdr iovec in_addr in6_addr option lconv re_pattern_buffer regex_t regmatch_t
	Dl_info cpu_set_t sem_t fd_set flock bpf_insn div_t ldiv_t imaxdiv_t fpos_t`)
