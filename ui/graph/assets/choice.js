/* What is selected in a graph of this page: said apart from the graph, which is large and stays as it is. */
export default function ({ data }) {
  (window.lxchoices ??= {})[data.graph] = data;
  document.querySelector(`.lxgraph[data-graph="${data.graph}"]`)?.drawing?.show(data);
}
