#!/bin/sh
# arborist init wrote this hook (version 1); 'arborist init --remove' takes it away and puts back what was here.
#
# It refuses Arborist's own identity on anything but a feature branch.

arborist=@ARBORIST@
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
kept=$here/../hooks.arborist-kept/pre-receive

check() {
  if [ -f "$arborist" ] && [ -x "$arborist" ]; then
    exec "$arborist" hook pre-receive --state @STATE@
  else
    cat >/dev/null
    if [ -e "$kept" ] || [ -h "$kept" ]; then undo="mv '$kept' '$0'"; else undo="rm '$0'"; fi
    printf 'arborist: %s is gone: the push is not checked; install it and run arborist init again, or: %s\n' \
      "$arborist" "$undo" >&2
  fi
}

if [ -f "$kept" ] && [ -x "$kept" ]; then
  # Both read all of the input. The x keeps the line ends at its end from being cut off.
  input=$(cat && printf x)
  input=${input%x}
  # A kept hook need not read its input.
  printf %s "$input" 2>/dev/null | "$kept" "$@" || exit
  printf %s "$input" | check
  exit
fi

check
