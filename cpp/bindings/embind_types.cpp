// The types that cross between C++ and JavaScript. This stands in for the one source of Embind's
// own library, which declares every type it knows: with them strings, views and emscripten::val
// would come into the glue, 6 kB of JavaScript that nothing here uses, and 2 kB of module. A type
// that is missing here is missing when the module is linked, which runs it (EMBIND_AOT).
#include <emscripten/bind.h>

#include <limits>
#include <typeinfo>

using emscripten::internal::TypeID;

extern "C" {

// For messages about types that are not here. The glue frees what it gets; null reads as no name.
// NOLINTNEXTLINE(bugprone-reserved-identifier, cert-dcl37-c, cert-dcl51-cpp)
const char* __getTypeName(const std::type_info* /*type*/) { return nullptr; }

}  // extern "C"

namespace emscripten::internal {

// For the workers of Emscripten's pthreads, of which there are none.
extern "C" void _embind_register_bindings(InitFunc* /*function*/) {}

}  // namespace emscripten::internal

namespace {

template <typename T>
void register_integer(const char* name) {
  using Limits = std::numeric_limits<T>;
  emscripten::internal::_embind_register_integer(TypeID<T>::get(), name, sizeof(T), Limits::min(),
                                                 Limits::max());
}

EMSCRIPTEN_BINDINGS(types) {
  emscripten::internal::_embind_register_void(TypeID<void>::get(), "void");
  emscripten::internal::_embind_register_bool(TypeID<bool>::get(), "bool", true, false);
  register_integer<int>("int");
  // Addresses and sizes. The glue knows by the name that they are unsigned.
  register_integer<unsigned long>("unsigned long");
  emscripten::internal::_embind_register_float(TypeID<double>::get(), "double", sizeof(double));
}

}  // namespace
