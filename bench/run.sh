#!/bin/bash
# Measures Gatehouse side by side with its peers.
# Usage: bench/run.sh [NAME [OPTIONS…]]   all of them, or one with its options (--help lists them)
#        bench/run.sh NAME --markdown     what was measured last, as a Markdown table
