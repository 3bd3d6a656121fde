#include "cli/command_line.hpp"
#include "cli/inquiry.hpp"

namespace roofline::cli {

void add_require_option(CLI::App& app, InquiryOptions& o) {
  add_values(app, "--require", o.require, "DEMAND", "exit 1 unless met: decode=30, context=8192\nor fits; may be repeated", "Judging");
}

void add_inquiry_options(CLI::App& app, InquiryOptions& o, bool gating) {
  const std::string what = "What runs where";
  add_values(app, "--hw", o.hw, "ID|FILE", "device: id, alias or .toml file", what);
  add_values(app, "--model", o.model, "ID|FILE", "model: id, alias, .toml or .gguf file, folder", what);
  add_values(app, "--quant", o.quant, "ID", "quantization or alias: int4 (default), q4_k_m", what);
  add_values(app, "--imatrix", o.imatrix, "on|off", "GGUF made with an importance matrix? default: as is usual for the type", what);
  add_values(app, "--engine", o.engine, "ID", "only this engine; may be repeated", what);
  add_values(app, "--unit", o.unit, "KIND", "only this unit: cpu, gpu, npu or dla", what);
  add_values(app, "--mode", o.mode, "MODE", "power mode; default: the fastest known", what);
  add_values(app, "--set", o.set, "KEY=VALUE", "override a figure: memory.bandwidth=29GB/s", what);
  add_values(app, "--reserve", o.reserve, "SIZE", "memory other loads take: 4GiB", what);
  app.add_flag("--desktop", o.desktop, "a desktop session runs beside it (default: none)")->group(what);
  add_values(app, "--disk", o.disk, "SIZE", "free space the model's file has to fit: 32GB", what);

  const std::string workload = "Workload (tokens are per sequence)";
  add_values(app, "--prompt", o.prompt, "TOKENS", "prompt length; default 512", workload);
  add_values(app, "--generate", o.generate, "TOKENS", "tokens generated; default 128", workload);
  add_values(app, "--context", o.context, "TOKENS", "context allocated; default 4096\n(llama.cpp: in all; others: for each sequence)",
             workload);
  add_values(app, "--batch", o.batch, "N", "sequences decoded together; default 1", workload);
  // Apart from --batch, so that a message names the option that was typed.
  add_values(app, "--parallel", o.parallel, "N", "the same, as llama.cpp calls it", workload);
  add_values(app, "--ubatch", o.ubatch, "TOKENS", "prefill chunk of llama.cpp; default 512", workload);
  add_values(app, "--kv-type", o.kv_type, "TYPE[,TYPE]", "KV cache, or keys,values; default f16", workload);
  add_values(app, "--kv-type-k", o.kv_type_k, "TYPE", "keys alone", workload);
  add_values(app, "--kv-type-v", o.kv_type_v, "TYPE", "values alone", workload);
  add_values(app, "--flash-attn", o.flash_attention, "on|off|auto", "flash attention; default auto", workload);
  app.add_flag("--kv-unified", o.kv_unified, "sequences share one cache (llama.cpp)")->group(workload);
  app.add_flag("--swa-full", o.swa_full, "windowed layers keep the whole context (llama.cpp)")->group(workload);
  add_values(app, "--cached", o.cached, "TOKENS", "in the KV cache before the prompt; default 0", workload);
  add_values(app, "--image-tokens", o.image_tokens, "TOKENS", "of images, per sequence; default 0", workload);
  app.add_flag("--no-mmap", o.no_mmap, "weights are read, not mapped (resident memory)")->group(workload);
  app.add_flag("--no-repack", o.no_repack, "no second copies of weights (the same)")->group(workload);

  if (!gating) return;
  const std::string judged = "Judging";
  add_values(app, "--measured-decode", o.measured_decode, "TOK/S", "is this measured speed plausible?", judged);
  add_values(app, "--measured-prefill", o.measured_prefill, "TOK/S", "the same for prefill", judged);
  add_require_option(app, o);
}

}  // namespace roofline::cli
