import { zh as examples } from "../sections/examples/text.zh.ts";
import { zh as lab } from "../sections/lab/text.zh.ts";
import { zh as lesson } from "../sections/lesson/text.zh.ts";

export const zh = {
  page: {
    title: "convgrad：卷积与池化，正向计算与反向传播",
    purpose: "在浏览器的 CPU 上做二维卷积与池化，正向计算和反向传播都有，每一个数字都可以核对。",
    language: "语言",
    sections: "本页各节",
    skip: "跳到正文",
    live: "本页所有数字都由 convgrad 当场算出。",
    reference: "API 参考（英文）",
    single: "把本页存成一个文件，不联网也能打开",
  },
  engine: {
    title: "运行环境",
    starting: "正在装载 WebAssembly …",
    failed: "convgrad 无法启动。",
    browser: "浏览器",
    build: "SIMD 版本",
    baseline: "基本 SIMD",
    relaxed: "宽松 SIMD（融合乘加）",
    threads: "线程",
    isolated: "跨源隔离",
    yes: "是",
    no: "否",
    clock: "计时器步长",
    version: "版本",
    threadsOn: "开启多线程",
    threadsOff: "关闭多线程",
    threadsNote: {
      off: "这台主机没有发送多线程所需的响应头，可以由 service worker 补上；页面会重新载入。",
      starting: "正在开启多线程，页面将重新载入。",
      on: "多线程由本页的 service worker 开启。",
      refused: "这里无法开启多线程：浏览器没有隔离本页。",
    },
  },
  errors: {
    "shape-mismatch": "两个参数的形状互相矛盾。",
    "bad-argument": "某个参数的取值不合法。",
    "empty-output": "补零后的输入放不下窗口，没有输出。",
    "too-large": "张量太大，WebAssembly 的内存无法寻址。",
    "out-of-memory": "内存不够。请减小批量、通道数或尺寸。",
    disposed: "用到了已经释放的张量。",
    "unsupported-engine": "这个浏览器没有所需的 WebAssembly SIMD。",
    unknown: "出现了意外的错误。",
    original: "原文：",
  },
  unit: { ms: "毫秒", us: "微秒", s: "秒" },
  examples,
  lab,
  lesson,
};
