const https = require("https");
const agent = new https.Agent({ keepAlive: true });
exports.ask = (path, done) => https.get("https://api.weather-office.net" + path, { agent }, done);
