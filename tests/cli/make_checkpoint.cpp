// make_checkpoint FOLDER: writes the tiny checkpoint of the import tests: config.json, an index and two files.
#include "unit/import/safetensors_writer.hpp"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  roofline::testing::write_tiny_checkpoint(argv[1]);
  return 0;
}
