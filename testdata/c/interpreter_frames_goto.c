// As interpreter_frames.c, with computed gotos: the table of labels has a copy for
// either part.
//
// quasi: -e execute --when 'frame->pc == square_sum' --when 'frame->stack == 0'
// quasi: -e execute --when 'frame->pc == square_sum'
// quasi: -e execute --when 'frame->pc == twice'
// run: 5
// run: 0
// run: 300
#define LABELS
#include "interpreter_frames.c"
