/** Does every item in one of the lanes, as they become free. Results come in no order. */
export async function inLanes<Lane, In, Out>(
  lanes: readonly Lane[],
  items: readonly In[],
  each: (lane: Lane, item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  const queue = [...items];
  async function work(lane: Lane): Promise<void> {
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      results.push(await each(lane, item));
  }
  await Promise.all(lanes.map(work));
  return results;
}
