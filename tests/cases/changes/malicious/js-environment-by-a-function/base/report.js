const os = require("os");
function runtime() {
  return { release: os.release() };
}
exports.report = (error) => JSON.stringify({ message: error.message, runtime: runtime() });
