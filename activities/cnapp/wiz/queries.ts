/**
 * GraphQL of Wiz, with only the fields that are read. Sources: Wiz's own integrations for Cortex XSOAR, Elastic and
 * Backstage, and ConductorOne's connector. The fragments alias `description`, whose types conflict otherwise.
 */

const ISSUE_FIELDS = `
  id type status severity createdAt updatedAt statusChangedAt description url
  sourceRule { __typename
    ... on Control { id name controlDescription: description securitySubCategories { title externalId category { name framework { name } } } }
    ... on CloudEventRule { id name cloudEventRuleDescription: description }
    ... on CloudConfigurationRule { id name cloudConfigurationRuleDescription: description } }
  projects { id name }
  entitySnapshot { id type nativeType name cloudPlatform providerId externalId region subscriptionExternalId tags }`;

const EXCESSIVE_FIELDS = `
  id name status severity remediationType excessiveServices
  hasUnusedAdminPermissions hasUnusedHighPermissions hasUnusedDataPermissions description
  projects { id name }
  principal { graphEntity { id name type properties } cloudAccount { id name externalId cloudProvider } }`;

const DATA_FIELDS = `
  id name severity status totalMatchCount isEntityPublic
  dataClassifier { id name category securitySubCategories { id title } }
  cloudAccount { id name externalId cloudProvider }
  graphEntity { id name type properties }`;

const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

/** Pages of issues. */
export const ISSUES = `query CurtailIssues($filterBy: IssueFilters, $first: Int, $after: String) {
  page: issuesV2(filterBy: $filterBy, first: $first, after: $after) { nodes {${ISSUE_FIELDS} } ${PAGE_INFO} } }`;

/** Pages of excessive access findings. */
export const EXCESSIVE_ACCESS = `query CurtailExcessiveAccess($filterBy: ExcessiveAccessFindingFilters, $first: Int, $after: String) {
  page: excessiveAccessFindings(filterBy: $filterBy, first: $first, after: $after) { nodes {${EXCESSIVE_FIELDS} } ${PAGE_INFO} } }`;

/** Pages of data findings. */
export const DATA_FINDINGS = `query CurtailDataFindings($filterBy: DataFindingFiltersV2, $first: Int, $after: String) {
  page: dataFindingsV2(filterBy: $filterBy, first: $first, after: $after) { nodes {${DATA_FIELDS} } ${PAGE_INFO} } }`;

/** One issue. */
export const ISSUE = `query CurtailIssue($id: ID!) { issue(id: $id) {${ISSUE_FIELDS} } }`;

/** What is needed before an issue is written to. */
export const ISSUE_STATE =
  'query CurtailIssueState($id: ID!) { issue(id: $id) { id type status notes { id text } } }';

/** Adds a note to an issue. */
export const ADD_NOTE =
  'mutation CurtailNote($input: CreateIssueNoteInput!) { createIssueNote(input: $input) { issueNote { id } } }';

/** Changes an issue's status. */
export const SET_STATUS = `mutation CurtailStatus($issueId: ID!, $patch: UpdateIssuePatch) {
  updateIssue(input: { id: $issueId, patch: $patch }) { issue { id status resolutionReason } } }`;

/** A walk through the security graph. Each node's entities line up with the selected legs of the query. */
export const GRAPH = `query CurtailGraph($query: GraphEntityQueryInput, $projectId: String!, $first: Int) {
  graphSearch(query: $query, projectId: $projectId, first: $first, quick: true) {
    nodes { entities { id name type properties providerUniqueId } } } }`;

/** Who can reach a resource. */
export const EFFECTIVE_ACCESS = `query CurtailEffectiveAccess($filterBy: EntityEffectiveAccessFilters, $first: Int) {
  entityEffectiveAccessEntries(filterBy: $filterBy, first: $first) {
    nodes { grantedEntity { id name type providerUniqueId } permissions } } }`;
