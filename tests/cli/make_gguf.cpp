// make_gguf FILE [BYTES]: writes the tiny model of the import tests, whole or cut off after BYTES.
#include <cstdlib>
#include <fstream>
#include <string>

#include "unit/import/tiny_llama.hpp"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::string bytes = roofline::testing::tiny_llama_gguf();
  if (argc > 2) bytes.resize(static_cast<std::size_t>(std::strtoul(argv[2], nullptr, 10)));
  std::ofstream file(argv[1], std::ios::binary);
  file << bytes;
  file.close();
  return file ? 0 : 1;
}
