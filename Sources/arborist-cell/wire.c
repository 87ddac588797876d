// Bytes in and out: numbers in the machine's own order, because both ends are on one machine.
#include "cell.h"

#include <stdlib.h>
#include <string.h>

void buffer_add(struct buffer *buffer, const void *bytes, size_t size) {
    if (buffer->failed || size == 0) return;
    if (size > buffer->capacity - buffer->size) {
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity - buffer->size < size) {
            if (capacity > SIZE_MAX / 4) {
                buffer->failed = true;
                return;
            }
            capacity *= 2;
        }
        uint8_t *larger = realloc(buffer->bytes, capacity);
        if (!larger) {
            buffer->failed = true;
            return;
        }
        buffer->bytes = larger;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_u8(struct buffer *buffer, uint8_t value) { buffer_add(buffer, &value, sizeof value); }
void buffer_u32(struct buffer *buffer, uint32_t value) { buffer_add(buffer, &value, sizeof value); }
void buffer_u64(struct buffer *buffer, uint64_t value) { buffer_add(buffer, &value, sizeof value); }

void buffer_string(struct buffer *buffer, const void *bytes, size_t size) {
    buffer_u32(buffer, (uint32_t)size);
    buffer_add(buffer, bytes, size);
}

void buffer_free(struct buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

static void read_into(struct reader *reader, void *into, size_t size) {
    if (reader->bad || reader->size < size) {
        reader->bad = true;
        memset(into, 0, size);
        return;
    }
    memcpy(into, reader->bytes, size);
    reader->bytes += size;
    reader->size -= size;
}

uint8_t read_u8(struct reader *reader) {
    uint8_t value;
    read_into(reader, &value, sizeof value);
    return value;
}

uint32_t read_u32(struct reader *reader) {
    uint32_t value;
    read_into(reader, &value, sizeof value);
    return value;
}

uint64_t read_u64(struct reader *reader) {
    uint64_t value;
    read_into(reader, &value, sizeof value);
    return value;
}

const uint8_t *read_bytes(struct reader *reader, size_t *size) {
    uint32_t count = read_u32(reader);
    if (reader->bad || count > reader->size) {
        reader->bad = true;
        *size = 0;
        return (const uint8_t *)"";
    }
    const uint8_t *bytes = reader->bytes;
    reader->bytes += count;
    reader->size -= count;
    *size = count;
    return bytes;
}

char *read_string(struct reader *reader) {
    size_t size;
    const uint8_t *bytes = read_bytes(reader, &size);
    if (memchr(bytes, 0, size)) {
        reader->bad = true;
        size = 0;
    }
    char *text = malloc(size + 1);
    if (!text) {
        reader->bad = true;
        return NULL;
    }
    memcpy(text, bytes, size);
    text[size] = 0;
    return text;
}
