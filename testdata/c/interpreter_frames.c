// An interpreter that enters the functions it interprets by going back to its
// beginning: what is known of the first frame's program counter holds until then.
// The dispatch of the first frame is static, that of the others is not.
// interpreter_frames_goto.c is the same with a table of labels.
//
// quasi: -e execute --when 'frame->pc == square_sum' --when 'frame->stack == 0'
// quasi: -e execute --when 'frame->pc == square_sum'
// quasi: -e execute --when 'frame->pc == twice'
// run: 5
// run: 0
// run: 300
#include <stdio.h>
#include <stdlib.h>

enum { PUSH, ADD, MUL, SUB, DUP, LOAD, STORE, JUMP_IF, CALL, RETURN };

struct frame {
    const int *pc;
    struct frame *caller;
    long *stack;
    long local[4];
    int depth;
};

/* local[1] = local[0] * 2, through one more frame if depth allows */
static const int twice[] = { LOAD, 0, DUP, ADD, STORE, 1, RETURN };

/* local[1] = the sum of i * i + 2 i for i = local[0] .. 1 */
static const int square_sum[] = {
    PUSH, 0, STORE, 1, /* sum */
    LOAD, 0, CALL, 0, LOAD, 2, LOAD, 0, DUP, MUL, ADD, LOAD, 1, ADD, STORE, 1, /* sum += twice(i) + i * i */
    LOAD, 0, PUSH, 1, SUB, STORE, 0, LOAD, 0, JUMP_IF, 4, RETURN
};

#ifdef LABELS
#define DISPATCH NEXT;
#define OP(name) l_##name
#define NEXT goto *labels[*pc++]
#else
#define DISPATCH switch (*pc++)
#define OP(name) case name
#define NEXT break
#endif

long execute(struct frame *frame)
{
#ifdef LABELS
    static const void *const labels[] = { &&l_PUSH, &&l_ADD, &&l_MUL, &&l_SUB, &&l_DUP, &&l_LOAD, &&l_STORE, &&l_JUMP_IF, &&l_CALL, &&l_RETURN };
#endif
    long values[16], *sp, entered;
    const int *pc;
    int rounds;

enter:
    rounds = 0;
    entered = frame->depth * 1000 + frame->local[0]; /* of the frame entered last, wherever it is resumed */
    sp = frame->stack ? frame->stack : values;
resume:
    pc = frame->pc;
    rounds++;
    for (;;) {
        DISPATCH {
        OP(PUSH):
            *sp++ = *pc++;
            NEXT;
        OP(ADD):
            sp--;
            sp[-1] += sp[0];
            NEXT;
        OP(SUB):
            sp--;
            sp[-1] -= sp[0];
            NEXT;
        OP(MUL):
            sp--;
            sp[-1] *= sp[0];
            NEXT;
        OP(DUP):
            sp[0] = sp[-1];
            sp++;
            NEXT;
        OP(LOAD):
            *sp++ = frame->local[*pc++];
            NEXT;
        OP(STORE):
            frame->local[*pc++] = *--sp;
            NEXT;
        OP(JUMP_IF): {
            int to = *pc++;

            if (*--sp > 0)
                pc = (frame->depth ? twice : square_sum) + to;
            NEXT;
        }
        OP(CALL): {
            struct frame *callee = malloc(sizeof *callee);

            pc++;
            callee->pc = twice;
            callee->caller = frame;
            callee->local[0] = *--sp;
            callee->depth = frame->depth + 1;
            callee->stack = sp;
            frame->pc = pc;
            frame = callee;
            goto enter;
        }
        OP(RETURN): {
            struct frame *caller = frame->caller;

            if (!caller)
                return frame->local[1] + rounds + entered;
            caller->local[2] = frame->local[1];
            sp = frame->stack;
            free(frame);
            frame = caller;
            goto resume;
        }
        }
    }
}

int main(int argc, char **argv)
{
    struct frame first = { square_sum, 0, 0, { argc > 1 ? atoi(argv[1]) : 3 }, 0 };
    struct frame second = { twice, 0, 0, { 21 }, 0 };
    long stack[8];

    printf("%ld\n", execute(&first));
    second.stack = stack;
    printf("%ld\n", execute(&second));
    first.pc = square_sum;
    first.stack = stack;
    printf("%ld\n", execute(&first));
    return 0;
}
