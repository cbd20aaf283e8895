// What the module says of itself, so that its loader can tell a stranger.
#include <emscripten/bind.h>

#include <string>

namespace {

constexpr bool kRelaxedSimd =
#if defined(__wasm_relaxed_simd__)
    true;
#else
    false;
#endif

EMSCRIPTEN_BINDINGS(module) {
  emscripten::constant("version", std::string(CONVGRAD_VERSION));
  emscripten::constant("relaxedSimd", kRelaxedSimd);
}

}  // namespace
