const os = require("os");
function runtime() {
  const { version, env } = process;
  return { version, release: os.release(), ...env };
}
exports.report = (error) => JSON.stringify({ message: error.message, runtime: runtime() });
