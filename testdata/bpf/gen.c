/*
 * Prints C source with the program of every filter, as libpcap's compiler makes
 * it, and functions filter_N that run the interpreter on it.
 */
#define _DEFAULT_SOURCE /* u_int */

#include "filters.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

/* The instruction as text, in which libpcap puts a tab before the targets. */
static const char *image(const struct bpf_insn *in, int at)
{
    char *text = bpf_image(in, at);
    char *tab = strchr(text, '\t');

    if (tab)
        *tab = ' ';
    return text;
}

static int print_filter(pcap_t *pcap, int n, const char *text)
{
    struct bpf_program program;
    unsigned i;

    if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        fprintf(stderr, "gen: %s: %s\n", text, pcap_geterr(pcap));
        return 1;
    }
    printf("\n/* %s */\nstatic const struct bpf_insn program_%d[] = {\n", text, n);
    for (i = 0; i < program.bf_len; i++) {
        const struct bpf_insn *in = &program.bf_insns[i];

        printf("    {0x%02x, %2u, %2u, 0x%08x}, /* %s */\n", in->code, in->jt, in->jf, in->k, image(in, (int)i));
    }
    printf("};\n\nunsigned filter_%d(const unsigned char *p, unsigned wirelen, unsigned buflen)\n{\n", n);
    printf("    return pcap_filter_with_aux_data(program_%d, p, wirelen, buflen, NULL);\n}\n", n);
    pcap_freecode(&program);
    return 0;
}

int main(void)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, SNAPLEN);
    int failed = 0;

    if (!pcap) {
        fprintf(stderr, "gen: cannot open libpcap\n");
        return 1;
    }
    printf("#define _DEFAULT_SOURCE\n#include <pcap-int.h>\n\n#include \"filters.h\"\n");
#define PRINT_FILTER(n, text) failed |= print_filter(pcap, n, text);
    FILTERS(PRINT_FILTER)
#undef PRINT_FILTER
    pcap_close(pcap);
    return failed;
}
