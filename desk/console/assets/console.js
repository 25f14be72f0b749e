// What pages do by themselves: previews on change, keys, clocks, drafts, news. Without it every page works.
