# Completion of smtptrace for bash. Needs the package bash-completion. Rules and facts are asked of the program itself.

# _smtptrace_facts WORD: the last word of a condition, which may be quoted
_smtptrace_facts()
{
	local typed=${1#[\"\']} before=
	[[ $typed == *[\ \(\!\&\|]* ]] && before=${typed%"${typed##*[ (!&|]}"}
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$(smtptrace fields 2>/dev/null | cut -d' ' -f1)" -- "${typed#"$before"}")
	compopt -o nospace
}

# _smtptrace_ask COMMAND WORD: first column of what the program lists
_smtptrace_ask()
{
	mapfile -t COMPREPLY < <(compgen -W "$(smtptrace "$1" 2>/dev/null | cut -d' ' -f1)" -- "$2")
}

_smtptrace()
{
	local cur prev words cword split i command=
	# made by .ci/generate from cli/options.def
	local formats='text json ndjson html markdown csv' whens='auto always never'
	local options='-r --read -i --interface -f --filter -p --ports -k --keylog -c --count -D --list-interfaces -Y
		--where -R --rules -e --expect --trust --format --sessions --ladder -o --output --learn -w --write
		--redact -q --quiet -v --verbose --color --trace --check -V --version -h --help'
	local -A argument_of=([-r]=FILE [--read]=FILE [-i]=IFACE [--interface]=IFACE [-f]=BPF [--filter]=BPF [-p]=PORTS
		[--ports]=PORTS [-k]=FILE [--keylog]=FILE [-c]=COUNT [--count]=COUNT [-Y]=EXPR [--where]=EXPR
		[-R]=PATH [--rules]=PATH [-e]=SETTINGS [--expect]=SETTINGS [--trust]=PATH [--format]=NAME
		[--ladder]=ID [-o]=FILE [--output]=FILE [--learn]=FILE [-w]=FILE [--write]=FILE [--color]=WHEN
		[--trace]=FILE [--check]=FILE)
	# end of what .ci/generate made

	_init_completion -s || return
	case ${argument_of[$prev]-} in
	'') ;;
	FILE | PATH | SETTINGS)
		_filedir
		return
		;;
	IFACE)
		_smtptrace_ask -D "$cur"
		return
		;;
	EXPR)
		_smtptrace_facts "$cur"
		return
		;;
	NAME)
		mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$cur")
		return
		;;
	WHEN)
		mapfile -t COMPREPLY < <(compgen -W "$whens" -- "$cur")
		return
		;;
	*) return ;;
	esac
	if $split; then
		return
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		rules | explain | fields)
			command=${words[i]}
			break
			;;
		esac
	done
	case $command in
	rules | explain) _smtptrace_ask rules "$cur" ;;
	fields) _smtptrace_ask fields "$cur" ;;
	*)
		_filedir
		[ "$cword" -ne 1 ] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "rules explain fields" -- "$cur")
		;;
	esac
} &&
	complete -F _smtptrace smtptrace
