// The tables of a fit answer, shared by its text and its Markdown.
#pragma once

#include "roofline/report/fit_report.hpp"
#include "roofline/report/sheet.hpp"

namespace roofline::report {

Table combinations_table(const FitAnswer& fit);  // what fits where, as asked
Table contexts_table(const FitAnswer& fit);      // the first estimate by KV type
Table changes_table(const FitAnswer& fit);       // empty where it fits
// Layers on the card, with the first engine that can leave some in host memory; empty where none can.
std::string layers_text(const FitAnswer& fit);

}  // namespace roofline::report
