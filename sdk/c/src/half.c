/* Half precision: float16 (IEEE 754 binary16) and bfloat16 to float and back, to the nearest, ties to even. */
#include <string.h>

#include "internal.h"

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float mlwasm_bfloat16_to_float(uint16_t half) {
    return float_of((uint32_t)half << 16);
}

uint16_t mlwasm_float_to_bfloat16(float value) {
    uint32_t bits = bits_of(value);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) {
        return (uint16_t)(bits >> 16 | 0x40); /* rounding could make an infinity of a NaN */
    }
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float mlwasm_float16_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 0x1F;
    uint32_t fraction = half & 0x3FF;
    if (exponent == 0x1F) {
        return float_of(sign | 0x7F800000 | fraction << 13);
    }
    if (exponent == 0) {
        /* Zero, or a subnormal: the fraction counts units of 2^-24. */
        float magnitude = (float)fraction * 0x1p-24f;
        return sign == 0 ? magnitude : -magnitude;
    }
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

uint16_t mlwasm_float_to_float16(float value) {
    uint32_t bits = bits_of(value);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
        return sign | 0x7E00;
    }
    if (magnitude >= 0x47800000) {
        return sign | 0x7C00; /* 2^16 and above */
    }
    if (magnitude < 0x38800000) {
        /* Below 2^-14: adding 0.5 makes the float unit round to units of 2^-24. */
        return sign | (uint16_t)(bits_of(float_of(magnitude) + 0.5f) - 0x3F000000);
    }
    return sign | (uint16_t)((magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13);
}
