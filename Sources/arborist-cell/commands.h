// Commands of a cell: started, fed, listened to and ended by init.
#ifndef ARBORIST_COMMANDS_H
#define ARBORIST_COMMANDS_H

#include "cell.h"

#include <poll.h>

enum {
    MAX_COMMANDS = 64,
    // Pipes of ended commands that something left behind still writes to.
    MAX_ORPHANS = 64,
};

struct command_request {
    uint32_t number;
    uint8_t input; // 0 nothing, 1 what comes, beginning with what is given
    bool terminal;
    uint64_t timeout; // milliseconds
    uint64_t output_limit;
    const char *directory;
    char **arguments, **environment;
    const uint8_t *given;
    size_t given_size;
};

char **read_words(struct reader *reader);
void free_words(char **words);

enum answer command_start(const struct command_request *request, const struct place *place,
                          const struct cell_request *cell, const char **detail);
void command_input(uint32_t id, struct reader *reader);
void command_output(uint32_t id, struct reader *reader);
void command_terminate(uint32_t id, struct reader *reader);
void command_cancel(uint32_t id);
void command_ended(pid_t pid, int status);

// Init's loop: what to wait for, what came, until when.
unsigned commands_poll(struct pollfd *files);
void commands_polled(const struct pollfd *files, unsigned count);
uint64_t commands_deadline(void);
void commands_tick(uint64_t now);

// init.c
void reply(uint32_t id, const struct buffer *answer);
void reply_error(uint32_t id, enum answer code, const char *detail);
uint64_t now_milliseconds(void);
uint64_t now_microseconds(void);

#endif
