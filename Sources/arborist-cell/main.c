// The process that makes cells and the one that runs inside of them; see Docs/Sandbox.md.
#include <stdio.h>

int main(void) {
    fputs("arborist-cell is started by arborist, not by hand\n", stderr);
    return 2;
}
