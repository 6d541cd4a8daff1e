/** The part of servicenow-rest-api 1.2.2 that is used; the package brings no types. */
declare module 'servicenow-rest-api' {
  /** Called with a result, or with an error in a result's place. */
  type Callback = (value: unknown) => void;
  class ServiceNow {
    constructor(instance: string, userid: string, password: string);
    setNetworkOptions(options: Readonly<Record<string, unknown>>): void;
    getTableData(
      fields: readonly string[],
      filters: readonly string[],
      type: string,
      callback: Callback,
    ): void;
    createNewTask(row: Readonly<Record<string, string>>, type: string, callback: Callback): void;
    UpdateTask(type: string, number: string, row: Readonly<Record<string, string>>, callback: Callback): void;
  }
  export = ServiceNow;
}
