const { spawn } = require("child_process");
const env = { ...process.env, LC_ALL: "C" };
exports.run = (name) => spawn(name, [], { env });
