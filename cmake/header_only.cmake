# Libraries whose packages hold compiled code, from their headers alone.
add_library(tomlplusplus::tomlplusplus INTERFACE IMPORTED)
target_compile_definitions(tomlplusplus::tomlplusplus INTERFACE TOML_HEADER_ONLY=1)
add_library(fmt::fmt INTERFACE IMPORTED)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY=1)
add_library(Boost::unit_test_framework INTERFACE IMPORTED)
target_compile_definitions(Boost::unit_test_framework INTERFACE ROOFLINE_HEADER_ONLY_TESTS)
