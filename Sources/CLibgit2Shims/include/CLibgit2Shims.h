#ifndef ARBORIST_CLIBGIT2_SHIMS_H
#define ARBORIST_CLIBGIT2_SHIMS_H

/* git_libgit2_opts takes a variable list of arguments, which Swift cannot pass. */

/* Sets an option that takes one number. */
int arborist_git_set_option(int option, int value);

/* Sets where configuration of one level (system, global, ...) is looked for; NULL resets it. */
int arborist_git_set_search_path(int level, const char *path);

#endif
