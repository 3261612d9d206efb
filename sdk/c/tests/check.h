/* Checks that end the test with their place, what was there and what was wanted. */
#ifndef MLWASM_CHECK_H
#define MLWASM_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

#define CHECK_TEXT(found, wanted)                                                                            \
    do {                                                                                                     \
        const char *check_found = (found), *check_wanted = (wanted);                                         \
        if (strcmp(check_found, check_wanted) != 0) {                                                        \
            fprintf(stderr, "%s:%d: found  %s\nwanted %s\n", __FILE__, __LINE__, check_found, check_wanted); \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
