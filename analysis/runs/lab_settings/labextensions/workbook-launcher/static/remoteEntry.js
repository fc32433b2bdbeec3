// A card in JupyterLab's launcher that opens the evaluator's copy of explore.ipynb.
//
// It is a prebuilt extension as JupyterLab loads them: a container of module federation, by its name
// in window._JUPYTERLAB. Nothing is built: what it needs are modules that JupyterLab shares.
(() => {
  const NAME = 'workbook-launcher';
  const COMMAND = 'workbook:explore';
  const NOTEBOOK = 'explore.ipynb';
  let shared;

  // A module that JupyterLab shares, in the one version that it has.
  async function take(name) {
    const [version] = Object.values(shared[name]);
    const factory = await version.get();
    return factory();
  }

  async function makePlugin() {
    const { ILauncher } = await take('@jupyterlab/launcher');
    const { notebookIcon } = await take('@jupyterlab/ui-components');
    return {
      id: `${NAME}:card`,
      description: 'A card in the launcher that opens explore.ipynb.',
      autoStart: true,
      requires: [ILauncher],
      activate: (app, launcher) => {
        app.commands.addCommand(COMMAND, {
          label: 'Explore a study',
          caption: 'Open your copy of explore.ipynb: any study and place, cleared tables and figures',
          icon: notebookIcon,
          execute: () => app.commands.execute('docmanager:open', { path: NOTEBOOK })
        });
        launcher.add({ command: COMMAND, category: 'Workbook', rank: 0 });
      }
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: scope => {
      shared = scope;
    },
    get: async () => {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    }
  };
})();
