package main

// This file holds the commands about quasi itself: version and completion.

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"
)

// version is the release of quasi.
const version = "0.1.0"

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:         "version",
		Usage:        "print the versions of quasi, Go and the LLVM programs it would run",
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			fmt.Fprintf(c.App.Writer, "quasi %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			tc := &toolchain{}
			for _, name := range []string{"clang", "opt", "llvm-link", "llvm-extract", "llvm-dis"} {
				path, err := tc.find(c.Context, name)
				if err != nil {
					fmt.Fprintf(c.App.Writer, "%-12s not found\n", name)
					continue
				}
				fmt.Fprintf(c.App.Writer, "%-12s %s\n", name, path)
			}
			return nil
		},
	}
}

// completionScripts register, per shell, a function that asks quasi itself
// what may follow; files complete where quasi has nothing to say.
var completionScripts = map[string]string{
	"bash": `_quasi() {
	local cur="${COMP_WORDS[COMP_CWORD]}" words
	if [[ "$cur" == -* ]]; then
		words=$("${COMP_WORDS[@]:0:$COMP_CWORD}" "$cur" --generate-bash-completion 2>/dev/null)
	elif [[ $COMP_CWORD == 1 || "${COMP_WORDS[1]}" == completion ]]; then
		words=$("${COMP_WORDS[@]:0:$COMP_CWORD}" --generate-bash-completion 2>/dev/null)
	fi
	COMPREPLY=($(compgen -W "$(sed 's/:.*//' <<<"$words")" -- "$cur"))
}
complete -o bashdefault -o default -F _quasi quasi
`,
	"zsh": `#compdef quasi
_quasi() {
	local -a opts
	local cur=${words[-1]}
	if [[ "$cur" == -* ]]; then
		opts=("${(@f)$(${words[@]:0:#words[@]-1} ${cur} --generate-bash-completion 2>/dev/null)}")
	else
		opts=("${(@f)$(${words[@]:0:#words[@]-1} --generate-bash-completion 2>/dev/null)}")
	fi
	[[ -n "${opts[1]}" ]] && _describe 'values' opts
	_files
}
compdef _quasi quasi
`,
}

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:         "completion",
		Usage:        "print the completion script of a shell",
		UsageText:    "quasi completion bash|zsh|fish\n\n   source <(quasi completion bash)",
		OnUsageError: onUsageError,
		BashComplete: func(c *cli.Context) {
			fmt.Fprintln(c.App.Writer, "bash\nzsh\nfish")
		},
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			if shell == "fish" {
				script, err := c.App.ToFishCompletion()
				if err != nil {
					return err
				}
				fmt.Fprint(c.App.Writer, script)
				return nil
			}
			script, ok := completionScripts[shell]
			if !ok || c.NArg() != 1 {
				return usagef(c, "which shell: bash, zsh or fish")
			}
			fmt.Fprint(c.App.Writer, script)
			return nil
		},
	}
}
