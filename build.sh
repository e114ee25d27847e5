#!/usr/bin/env bash
# Builds, tests and runs the TLS Pool: ./build.sh --target=Test. All targets: ./build.sh --description
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is needed, and there is no 'dotnet' in PATH." >&2
    echo "How to get it: https://learn.microsoft.com/dotnet/core/install/linux" >&2
    exit 1
fi
if ! dotnet --version >/dev/null 2>&1; then
    echo "The .NET SDK that global.json asks for is missing:" >&2
    dotnet --version >&2 || exit 1
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 CAKE_PATHS_TOOLS=artifacts/tools CAKE_SETTINGS_ENABLESCRIPTCACHE=true
# compilers, tools and the programs of the tests end long before a profile would pay off
export DOTNET_TieredPGO=0
if [ "${CI:-}" = true ]; then
    # what waits for more to build would outlive the run; the compiler's server is worth half a minute, and build.cake ends it
    export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=true
fi
restored=$(dotnet tool restore 2>&1) || { echo "$restored" >&2; exit 1; }
exec dotnet cake build.cake "$@"
