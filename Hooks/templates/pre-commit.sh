#!/bin/sh
# arborist init wrote this hook (version 1); 'arborist init --remove' takes it away and puts back what was here.
#
# It reviews what is staged.

arborist=@ARBORIST@
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
kept=$here/../hooks.arborist-kept/pre-commit

if [ -f "$kept" ] && [ -x "$kept" ]; then
  "$kept" "$@" || exit
fi

if [ -f "$arborist" ] && [ -x "$arborist" ]; then
  exec "$arborist" hook pre-commit "$@"
fi
# A reviewer that is gone must not keep anyone from committing, and must not be silent either.
if [ -e "$kept" ] || [ -h "$kept" ]; then undo="mv '$kept' '$0'"; else undo="rm '$0'"; fi
printf 'arborist: %s is gone: the commit is not reviewed; install it and run arborist init again, or: %s\n' \
  "$arborist" "$undo" >&2
