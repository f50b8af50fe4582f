const dns = require("node:dns").promises;
exports.save = async (note) => note;
