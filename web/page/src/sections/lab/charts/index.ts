export { StripPlots } from "./StripPlot.tsx";
export { SweepChart } from "./SweepChart.tsx";
