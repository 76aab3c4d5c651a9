/* What the interpreter refers to and the programs of harness.c do not need. */
#include <stddef.h>
#include <stdint.h>

int rte_bpf_logtype;

int rte_log(uint32_t level, uint32_t type, const char *format, ...)
{
    (void)level;
    (void)type;
    (void)format;
    return 0;
}

const void *__rte_pktmbuf_read(const void *m, uint32_t off, uint32_t len, void *buf)
{
    (void)m;
    (void)off;
    (void)len;
    (void)buf;
    return NULL;
}
