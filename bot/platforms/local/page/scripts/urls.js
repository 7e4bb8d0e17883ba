// Where the page stands: everything is asked for beside it, be it at / or below /mintcast/.

const ROOT = new URL("..", import.meta.url);
ROOT.username = ROOT.password = ""; // an address with a password in it may not be fetched

export const urlOf = (path) => new URL(path.replace(/^\/+/, ""), ROOT).href;
