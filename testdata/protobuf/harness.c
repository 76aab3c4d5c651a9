/* The cases: a message of what they get, measured and serialized. */
#include "person.h"

#define FIELD(field, tag, label, type, quantifier, member, type_of, flags)                                             \
    { field, tag, PROTOBUF_C_LABEL_##label, PROTOBUF_C_TYPE_##type, quantifier, member, type_of, NULL, flags, 0, NULL, NULL }
#define AT(s, m) offsetof(struct s, m)

static const ProtobufCFieldDescriptor phone_fields[] = {
    FIELD("number", 1, REQUIRED, STRING, 0, AT(phone, number), NULL, 0),
    FIELD("kind", 2, OPTIONAL, INT32, AT(phone, has_kind), AT(phone, kind), NULL, 0),
};

static const ProtobufCMessageDescriptor phone_descriptor = {
    PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, "Phone", "Phone", "Phone", "", sizeof(struct phone), 2, phone_fields, NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

static const ProtobufCFieldDescriptor person_fields[] = {
    FIELD("name", 1, REQUIRED, STRING, 0, AT(person, name), NULL, 0),
    FIELD("id", 2, REQUIRED, INT32, 0, AT(person, id), NULL, 0),
    FIELD("email", 3, OPTIONAL, STRING, 0, AT(person, email), NULL, 0),
    FIELD("scores", 4, REPEATED, UINT32, AT(person, n_scores), AT(person, scores), NULL, PROTOBUF_C_FIELD_FLAG_PACKED),
    FIELD("weight", 5, OPTIONAL, DOUBLE, AT(person, has_weight), AT(person, weight), NULL, 0),
    FIELD("key", 6, OPTIONAL, BYTES, AT(person, has_key), AT(person, key), NULL, 0),
    FIELD("balance", 7, REQUIRED, SINT64, 0, AT(person, balance), NULL, 0),
    FIELD("phones", 8, REPEATED, MESSAGE, AT(person, n_phones), AT(person, phones), &phone_descriptor, 0),
};

static const ProtobufCMessageDescriptor person_descriptor = {
    PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, "Person", "Person", "Person", "", sizeof(struct person), 8, person_fields, NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

/* Makes *m of c; phones and list are places for what it points to. */
static void fill(struct person *m, struct phone *phones, struct phone **list, const struct content *c)
{
    int i;

    for (i = 0; i < MAX_PHONES; i++) {
        phones[i] = (struct phone){ { &phone_descriptor, 0, NULL }, (char *)c->numbers[i], c->kinds[i] != 0, c->kinds[i] };
        list[i] = &phones[i];
    }
    *m = (struct person){
        .base = { &person_descriptor, 0, NULL },
        .name = (char *)c->name,
        .id = c->id,
        .email = c->has_email ? (char *)c->email : NULL,
        .n_scores = c->nr_scores,
        .scores = (uint32_t *)c->scores,
        .has_weight = (protobuf_c_boolean)c->has_weight,
        .weight = c->weight,
        .has_key = c->key_length != 0,
        .key = { c->key_length, (uint8_t *)c->key },
        .balance = c->balance,
        .n_phones = MAX_PHONES,
        .phones = list,
    };
}

long size(const void *in, long n, void *out)
{
    struct person m;
    struct phone phones[MAX_PHONES], *list[MAX_PHONES];

    (void)n;
    fill(&m, phones, list, in);
    *(size_t *)out = protobuf_c_message_get_packed_size(&m.base);
    return sizeof(size_t);
}

long pack(const void *in, long n, void *out)
{
    struct person m;
    struct phone phones[MAX_PHONES], *list[MAX_PHONES];

    (void)n;
    fill(&m, phones, list, in);
    return (long)protobuf_c_message_pack(&m.base, out);
}
