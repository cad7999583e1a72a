// What the account that is signed in may do, so that views offer nothing that would be refused. The service decides anyhow.

let rights = new Set();
let who;

/** Learns from `/v1/account`. */
export function permit(account) {
  who = account;
  rights = new Set(account.permissions);
}

/** Whether the account has the permission somewhere: 'members.write'. */
export function may(permission) { return rights.has(permission); }

/** The account as `/v1/account` tells it. */
export function account() { return who; }
