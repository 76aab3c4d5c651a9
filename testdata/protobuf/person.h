/* Two message types as protoc-c would write them, and what a case gets. */
#ifndef PERSON_H
#define PERSON_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

struct phone {
    ProtobufCMessage base;
    char *number;
    protobuf_c_boolean has_kind;
    int kind;
};

struct person {
    ProtobufCMessage base;
    char *name;
    int32_t id;
    char *email;
    size_t n_scores;
    uint32_t *scores;
    protobuf_c_boolean has_weight;
    double weight;
    protobuf_c_boolean has_key;
    ProtobufCBinaryData key;
    int64_t balance;
    size_t n_phones;
    struct phone **phones;
};

enum { MAX_SCORES = 12, MAX_PHONES = 2, MAX_TEXT = 40 };

/* What a message is made of. */
struct content {
    int32_t id;
    uint32_t has_email, has_weight, key_length, nr_scores;
    int32_t kinds[MAX_PHONES];
    int64_t balance;
    double weight;
    uint32_t scores[MAX_SCORES];
    char name[MAX_TEXT], email[MAX_TEXT], numbers[MAX_PHONES][MAX_TEXT];
    unsigned char key[MAX_TEXT];
};

#endif
