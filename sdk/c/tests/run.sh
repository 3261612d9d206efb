#!/bin/sh
# Runs the SDK's unit tests natively: no server, no WebAssembly. CC and CXX choose another compiler.
set -eu
cd "$(dirname "$0")/.."
CC=${CC:-cc}
CXX=${CXX:-c++}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# What is undefined is a mistake that WebAssembly might not show, and so is a read beyond the end.
# What `init` asks for is kept for ever, which a search for leaks takes for one; memory of calls has its own test.
export ASAN_OPTIONS=detect_leaks=0
checks="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
if ! echo 'int main(void) { return 0; }' | $CC $checks -xc - -o "$folder/probe" 2>/dev/null; then
    echo "run.sh: $CC has no address sanitizer here (Debian: libclang-rt-19-dev); testing without" >&2
    checks="-g -O1 -fsanitize=undefined -fsanitize-trap=undefined"
fi
warnings="-Wall -Wextra -Werror"
for source in src/*.c testing/fake_host.c; do
    $CC -std=c17 $checks $warnings -Iinclude -c "$source" -o "$folder/$(basename "$source" .c).o"
done
$CC -std=c17 $checks $warnings -Iinclude tests/sdk_test.c "$folder"/*.o -o "$folder/sdk_test"
"$folder/sdk_test"
$CC -std=c17 $checks $warnings -Iinclude tests/iris_test.c iris/score.c "$folder"/*.o -lm -o "$folder/iris_test"
"$folder/iris_test"
$CXX -std=c++23 -fno-exceptions -fno-rtti $checks $warnings -Iinclude tests/cpp_test.cpp "$folder"/*.o -o "$folder/cpp_test"
"$folder/cpp_test"
$CXX -std=c++23 -fno-exceptions -fno-rtti $checks $warnings -Iinclude -xc++ tests/iris_test.c iris-cpp/score.cpp -xnone "$folder"/*.o -o "$folder/iris_cpp_test"
"$folder/iris_cpp_test"
