//! The `sidetone` program: parse arguments, start, exit code.

fn main() -> std::process::ExitCode {
    sidetone::cli::main()
}
