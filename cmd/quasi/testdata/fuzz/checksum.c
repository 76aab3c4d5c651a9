/* The checksum over the globals of a program of csmith, as its own header has
 * it. */
#include <stdint.h>
#include <stdio.h>

uint32_t crc32_context = 0xFFFFFFFFu;
static uint32_t table[256];

void crc32_gentab(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int j = 0; j < 8; j++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        table[i] = crc;
    }
}

static void add_byte(uint8_t b)
{
    crc32_context = crc32_context >> 8 ^ table[(crc32_context ^ b) & 0xFF];
}

static void tell(const char *name, int flag)
{
    if (flag)
        printf("...checksum after hashing %s : %X\n", name, crc32_context ^ 0xFFFFFFFFu);
}

void transparent_crc(uint64_t val, char *name, int flag)
{
    for (int i = 0; i < 64; i += 8)
        add_byte(val >> i);
    tell(name, flag);
}

void transparent_crc_bytes(char *p, int n, char *name, int flag)
{
    for (int i = 0; i < n; i++)
        add_byte(p[i]);
    tell(name, flag);
}
