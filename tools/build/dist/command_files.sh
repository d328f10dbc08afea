#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# command_files.sh IPQ VERSION FOLDER: writes the man page of ipq and its completions for bash, zsh and
# fish, all made of what `ipq help` says.
set -euo pipefail

ipq=$1 version=$2 folder=$3
mkdir -p "$folder"

verbs() { "$ipq" help | sed -n 's/^  ipq \([a-z]*\) .*  \([a-z].*\)$/\1:\2/p'; }
flags() { "$ipq" help ${1:+"$1"} | sed -n 's/^  --\([a-z][a-z-]*\).*/--\1/p' | sort -u; }

# Troff takes a line that begins with a dot or a quote, and every backslash, for its own.
text() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"; }
{
  echo ".TH IPQ 1 \"\" \"Interprocess $version\" \"User Commands\""
  echo ".SH NAME"
  echo "ipq \\- message queues in shared memory, from the command line"
  echo ".SH SYNOPSIS"
  echo ".B ipq"
  echo "COMMAND [ARGUMENT...] [\\-\\-FLAG...]"
  echo ".SH DESCRIPTION"
  echo ".nf"
  "$ipq" help | sed 1,4d | text
  echo ".fi"
  while IFS=: read -r verb _; do
    [[ $verb == help ]] && continue
    echo ".SH IPQ ${verb^^}"
    echo ".nf"
    "$ipq" help "$verb" | sed '/^Every command also takes:$/,$d' | text
    echo ".fi"
  done < <(verbs)
} >"$folder/ipq.1"

{
  echo "# bash completion of ipq"
  echo "_ipq() {"
  echo "  local cur=\${COMP_WORDS[COMP_CWORD]} words"
  echo "  if ((COMP_CWORD == 1)); then"
  echo "    words='$(verbs | cut -d: -f1 | tr '\n' ' ')--help --version'"
  echo "  else"
  echo "    case \${COMP_WORDS[1]} in"
  echo "      help) words='$(verbs | cut -d: -f1 | tr '\n' ' ')' ;;"
  while IFS=: read -r verb _; do
    [[ $verb == help ]] && continue
    echo "      $verb) words='$(flags "$verb" | tr '\n' ' ')' ;;"
  done < <(verbs)
  echo "    esac"
  echo "    [[ \$cur == -* || \${COMP_WORDS[1]} == help ]] || words=\$(ipq list 2>/dev/null | awk 'NR > 1 { print \$1 }')"
  echo "  fi"
  echo "  mapfile -t COMPREPLY < <(compgen -W \"\$words\" -- \"\$cur\")"
  echo "}"
  echo "complete -F _ipq ipq"
} >"$folder/ipq.bash"

{
  echo "#compdef ipq"
  echo "local -a commands"
  echo "commands=("
  verbs | sed "s/'/'\\\\''/g; s/.*/  '&'/"
  echo ")"
  echo "if ((CURRENT == 2)); then"
  echo "  _describe command commands"
  echo "  return"
  echo "fi"
  echo "case \$words[2] in"
  echo "  help) _describe command commands ;;"
  while IFS=: read -r verb _; do
    [[ $verb == help ]] && continue
    echo "  $verb) compadd -- $(flags "$verb" | tr '\n' ' ');;"
  done < <(verbs)
  echo "esac"
} >"$folder/_ipq"

{
  echo "# fish completion of ipq"
  while IFS=: read -r verb summary; do
    echo "complete -c ipq -f -n __fish_use_subcommand -a $verb -d '${summary//\'/\\\'}'"
    [[ $verb == help ]] && continue
    while read -r flag; do
      echo "complete -c ipq -n '__fish_seen_subcommand_from $verb' -l ${flag#--}"
    done < <(flags "$verb")
  done < <(verbs)
} >"$folder/ipq.fish"
