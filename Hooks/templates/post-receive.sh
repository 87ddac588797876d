#!/bin/sh
# arborist init wrote this hook (version 1); 'arborist init --remove' takes it away and puts back what was here.
#
# It records what was pushed and returns at once; the review follows when the push has ended. It records first, so that
# nothing a kept hook does can lose the event.

recorder=@RECORDER@
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
kept=$here/../hooks.arborist-kept/post-receive

record() {
  if [ -f "$recorder" ] && [ -x "$recorder" ]; then
    exec "$recorder" post-receive --state @STATE@ --arborist @ARBORIST@@SERVICE@
  else
    cat >/dev/null
    if [ -e "$kept" ] || [ -h "$kept" ]; then undo="mv '$kept' '$0'"; else undo="rm '$0'"; fi
    printf 'arborist: %s is gone: the push is stored, but it is not reviewed; install it and run arborist init again, or: %s\n' \
      "$recorder" "$undo" >&2
  fi
}

if [ -f "$kept" ] && [ -x "$kept" ]; then
  # Both read all of the input. The x keeps the line ends at its end from being cut off.
  input=$(cat && printf x)
  input=${input%x}
  printf %s "$input" | record
  recorded=$?
  # A kept hook need not read its input.
  printf %s "$input" 2>/dev/null | "$kept" "$@" || exit
  exit $recorded
fi

record
