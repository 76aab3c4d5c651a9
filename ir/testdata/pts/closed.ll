; A complete program: outside code enters @main only, so @open keeps what the
; program stores, and @f is called with what the program passes.
@open = global i8* null
@x = global i8 0

define i8* @f(i8* %p) {
  store i8* %p, i8** @open
  ret i8* %p
}

define i32 @main(i32 %argc, i8** %argv) {
  %r = call i8* @f(i8* @x)
  %o = load i8*, i8** @open
  %arg = load i8*, i8** %argv
  ret i32 0
}
; entry: @main
; pts: @f %p = {@x}
; pts: @main %argv = {?}
; pts: @main %r = {@x}
; pts: @main %o = {@x}
; pts: @main %arg = {?}
; escapes: 
