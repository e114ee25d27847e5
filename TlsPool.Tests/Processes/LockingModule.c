/*
 * A PKCS #11 module for tests: SoftHSM, with the counter of wrong PINs that it lacks. Three lock the token. The count is in the file
 * $LOCKING_COUNT, as a token keeps it without power; the token's own tools are whatever removes that file.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

enum { GET_FUNCTION_LIST = 3, GET_TOKEN_INFO = 6, LOGIN = 18, FUNCTIONS = 68 };
enum { TRIES = 3, OK = 0, GENERAL_ERROR = 5, PIN_INCORRECT = 0xa0, PIN_LOCKED = 0xa4 };
enum { COUNT_LOW = 0x10000, FINAL_TRY = 0x20000, LOCKED = 0x40000 };

typedef unsigned long number;
struct token_info { unsigned char texts[32 + 32 + 16 + 16]; number flags; };
struct functions { unsigned char major, minor; void *call[FUNCTIONS]; };

static struct functions *real, ours;

static int wrong_pins(void)
{
    int count = 0;
    FILE *file = fopen(getenv("LOCKING_COUNT"), "r");
    if (file) {
        if (fscanf(file, "%d", &count) != 1)
            count = TRIES;
        fclose(file);
    }
    return count;
}

static void remember(int count)
{
    FILE *file = fopen(getenv("LOCKING_COUNT"), "w");
    if (file) {
        fprintf(file, "%d\n", count);
        fclose(file);
    }
}

static number get_token_info(number slot, struct token_info *info)
{
    number result = ((number (*)(number, struct token_info *)) real->call[GET_TOKEN_INFO])(slot, info);
    if (result == OK) {
        int count = wrong_pins();
        info->flags &= ~(number) (COUNT_LOW | FINAL_TRY | LOCKED);
        info->flags |= count == 0 ? 0 : count >= TRIES ? LOCKED : count == TRIES - 1 ? COUNT_LOW | FINAL_TRY : COUNT_LOW;
    }
    return result;
}

static number login(number session, number user, unsigned char *pin, number length)
{
    if (wrong_pins() >= TRIES)
        return PIN_LOCKED;
    number result = ((number (*)(number, number, unsigned char *, number)) real->call[LOGIN])(session, user, pin, length);
    if (result == OK)
        remember(0);
    else if (result == PIN_INCORRECT)
        remember(wrong_pins() + 1);
    return result;
}

number C_GetFunctionList(struct functions **list)
{
    void *softhsm = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
    number (*get)(struct functions **) = softhsm ? (number (*)(struct functions **)) dlsym(softhsm, "C_GetFunctionList") : NULL;
    if (!get || get(&real) != OK)
        return GENERAL_ERROR;
    ours = *real;
    ours.call[GET_FUNCTION_LIST] = (void *) C_GetFunctionList;
    ours.call[GET_TOKEN_INFO] = (void *) get_token_info;
    ours.call[LOGIN] = (void *) login;
    *list = &ours;
    return OK;
}
