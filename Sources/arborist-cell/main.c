// The process that makes cells, which becomes the first process of each of them; see Docs/Sandbox.md.
#include "cell.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc >= 2 && strcmp(argv[1], "spawner") == 0) return spawner_main(argc, argv);
    fputs("arborist-cell is started by arborist, not by hand\n", stderr);
    return 2;
}
