export const zh = {
  title: "3. 权重与偏移的梯度 dW、dB",
  weights:
    "用输入数据乘以回传入的误差矩阵，得到卷积核的梯度矩阵：一个权重在每个输出里都乘过一个输入，把这些输入各乘以那个输出的 δ，再相加。这就是输入矩阵与误差矩阵的卷积；正向时有 padding，就先把输入矩阵扩大，周边加 0。",
  bias: "偏移加在每一个输出上，所以 dB 是 δ_in 的各项之和。",
  batch:
    '一批样本的梯度相加之后，还要除以 batch_size，求平均（MeanGrads）。convgrad 用 reduction: "mean" 做这一步；δ_out 从不除。',
};
