const { spawn } = require("child_process");
exports.run = (name) => spawn(name, []);
