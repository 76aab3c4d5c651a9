// A thread of a library writes a variable that no call of the program has given it, and
// qsort has the program's own function write: the write is where the function has it.
//
// quasi: -e get --when 'limit == 3' --when 'current != 0' --when 'current->uid == 7'
